"""The systems' hyperparameters, one file a system. Forms and recipes read them, so none imports torch."""
