"""One system a module; siblings never import each other."""
