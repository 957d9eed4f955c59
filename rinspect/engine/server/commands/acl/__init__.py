"""ACL: users and their rules, what was refused, the file they are kept in."""
