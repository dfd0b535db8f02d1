"""The application: the store, the people, the screens, the command line."""
