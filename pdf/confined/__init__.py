"""What runs in a child process of its own; it imports as little as it can, for each upload starts one."""
