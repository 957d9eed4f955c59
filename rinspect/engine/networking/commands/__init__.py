"""The commands about connections: each declared here, where what it touches lives. Importing this package declares them all."""

from importlib import import_module
from pkgutil import walk_packages

for _module in walk_packages(__path__, __name__ + "."):
    import_module(_module.name)
