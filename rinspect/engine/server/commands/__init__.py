"""The commands about the server, declared where what they touch lives. Importing this package declares them all."""

from importlib import import_module
from pkgutil import walk_packages

for _module in walk_packages(__path__, __name__ + "."):
    import_module(_module.name)
