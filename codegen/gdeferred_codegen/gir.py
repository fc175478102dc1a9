# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

"""Reads GIR files: the functions in them, and the types that those mention."""

import dataclasses
import glob
import os
import xml.etree.ElementTree

CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"

CONTAINERS = {CORE + kind for kind in ("bitfield", "class", "enumeration", "interface", "record", "union")}
DEFINITIONS = CONTAINERS | {CORE + "alias", CORE + "callback"}
FUNCTIONS = {CORE + "constructor", CORE + "function", CORE + "method"}


class GirError(Exception):
    """What is wrong with a GIR, or that there is none."""


@dataclasses.dataclass
class Type:
    """What a parameter is, or what is returned. The name has its namespace in it, but for those of C and GLib's own."""
    name: str           # "array" for one of C's, "..." for a variable number of arguments
    ctype: str
    elements: list
    zero_terminated: bool = False
    length: int = None  # the number of the parameter that holds it
    fixed_size: int = None

    @property
    def is_array(self):
        return self.name == "array"


@dataclasses.dataclass
class Parameter:
    name: str
    type: Type
    direction: str
    transfer: str
    nullable: bool
    optional: bool
    caller_allocates: bool
    scope: str
    closure: int        # the number of the parameter with its data
    destroy: int        # the number of the parameter that frees them
    doc: str
    is_instance: bool = False


@dataclasses.dataclass
class Function:
    symbol: str
    name: str
    kind: str           # "constructor", "function" or "method"
    container: "Definition"
    parameters: list    # without the instance
    instance: Parameter
    returns: Parameter
    throws: bool
    deprecated: str     # the version, or "" if it is not
    version: str
    finish: str         # the name of the finish function, if the GIR has it
    doc: str

    @property
    def all_parameters(self):
        return [self.instance, *self.parameters] if self.instance else self.parameters


@dataclasses.dataclass
class Definition:
    """A type."""
    kind: str           # the name of its element
    name: str           # with the namespace
    ctype: str
    get_type: str
    symbol_prefix: str
    is_fundamental: bool
    parent: str
    element: object


def text_of(element, tag):
    found = element.find(CORE + tag)
    return found.text if found is not None and found.text else ""


def number(text):
    return int(text) if text is not None else None


class Namespace:
    """One GIR."""

    def __init__(self, path):
        try:
            root = xml.etree.ElementTree.parse(path).getroot()
        except (OSError, xml.etree.ElementTree.ParseError) as error:
            raise GirError(f"{path}: {error}") from error
        element = root.find(CORE + "namespace")
        if root.tag != CORE + "repository" or element is None:
            raise GirError(f"{path} is not a GIR")

        self.element = element
        self.name = element.get("name")
        self.version = element.get("version")
        self.symbol_prefixes = element.get(C + "symbol-prefixes", self.name.lower()).split(",")
        self.identifier_prefixes = element.get(C + "identifier-prefixes", self.name).split(",")
        self.headers = [include.get("name") for include in root.findall(C + "include")]
        self.includes = {include.get("name"): f'{include.get("name")}-{include.get("version")}'
                         for include in root.findall(CORE + "include")}
        self.definitions = {child.get("name"): self._definition(child) for child in element
                            if child.tag in DEFINITIONS}

    def _qualified(self, name):
        """GIR leaves the namespace away where it is its own. What no GIR defines begins with a small letter."""
        is_own = name is not None and "." not in name and name[:1].isupper() and name != "GType"
        return f"{self.name}.{name}" if is_own else name

    def _definition(self, element):
        parent = element.get("parent")
        if element.tag == CORE + "alias":
            parent = element.find(CORE + "type").get("name")
        get_type = element.get(GLIB + "get-type", "")
        return Definition(kind=element.tag.removeprefix(CORE),
                          name=self._qualified(element.get("name")),
                          ctype=element.get(C + "type", element.get(GLIB + "type-name", "")),
                          get_type="" if get_type == "intern" else get_type,
                          symbol_prefix=element.get(C + "symbol-prefix", ""),
                          is_fundamental=element.get(GLIB + "fundamental") == "1",
                          parent=self._qualified(parent),
                          element=element)

    def functions(self):
        """All that has a name in C, each once: what was moved into a class is there twice."""
        seen = set()
        for child in self.element:
            inside = child if child.tag in CONTAINERS else [child]
            container = self.definitions[child.get("name")] if child.tag in CONTAINERS else None
            for element in inside:
                symbol = element.get(C + "identifier")
                if element.tag in FUNCTIONS and symbol not in seen and element.get("moved-to") is None:
                    seen.add(symbol)
                    yield self._function(element, container)

    def _function(self, element, container):
        instance = element.find(f"{CORE}parameters/{CORE}instance-parameter")
        return Function(symbol=element.get(C + "identifier"),
                        name=element.get("name"),
                        kind=element.tag.removeprefix(CORE),
                        container=container,
                        parameters=self.parameters_of(element),
                        instance=self._parameter(instance) if instance is not None else None,
                        returns=self._parameter(element.find(CORE + "return-value")),
                        throws=element.get("throws") == "1",
                        deprecated=self._deprecated(element),
                        version=element.get("version") or (container and container.element.get("version")) or "",
                        finish=element.get(GLIB + "finish-func", ""),
                        doc=text_of(element, "doc"))

    @staticmethod
    def _deprecated(element):
        return element.get("deprecated-version", "?") if element.get("deprecated") == "1" else ""

    def parameters_of(self, element):
        return [self._parameter(child) for child in element.findall(f"{CORE}parameters/{CORE}parameter")]

    def _parameter(self, element):
        direction = element.get("direction", "in")
        allow_none = element.get("allow-none") == "1"
        return Parameter(name=element.get("name", ""),
                         type=self._type(element),
                         direction=direction,
                         transfer=element.get("transfer-ownership", "none"),
                         nullable=element.get("nullable") == "1" or (allow_none and direction == "in"),
                         optional=element.get("optional") == "1" or (allow_none and direction == "out"),
                         caller_allocates=element.get("caller-allocates") == "1",
                         scope=element.get("scope", ""),
                         closure=number(element.get("closure")),
                         destroy=number(element.get("destroy")),
                         doc=text_of(element, "doc"),
                         is_instance=element.tag == CORE + "instance-parameter")

    def _type(self, element):
        for child in element:
            if child.tag == CORE + "varargs":
                return Type("...", "", [])
            if child.tag in (CORE + "type", CORE + "array", CORE + "callback"):
                return self._type_itself(child)
        return Type("", "", [])

    def _type_itself(self, element):
        """A callback may be described on the spot."""
        if element.tag == CORE + "callback":
            return Type("callback", element.get(C + "type", ""), [])
        name = element.get("name", "array" if element.tag == CORE + "array" else "")
        length, fixed_size = number(element.get("length")), number(element.get("fixed-size"))
        zero_terminated = element.get("zero-terminated", "1" if length is None and fixed_size is None else "0") == "1"
        return Type(name=self._qualified(name),
                    ctype=element.get(C + "type", ""),
                    elements=[self._type_itself(child) for child in element if child.tag in (CORE + "type",
                                                                                            CORE + "array")],
                    zero_terminated=zero_terminated,
                    length=length,
                    fixed_size=fixed_size)


def usual_folders():
    data = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    own = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    folders = os.environ.get("GI_GIR_PATH", "").split(os.pathsep)
    folders += [os.path.join(folder, "gir-1.0") for folder in [own, *data.split(os.pathsep), "/usr/share"]]
    return [folder for folder in folders if folder] + sorted(glob.glob("/usr/lib/*/gir-1.0")) + ["/usr/lib/gir-1.0"]


class Repository:
    """A GIR and those that it includes, which are read when a type in them is asked for."""

    def __init__(self, name_or_path, folders):
        self.folders = [*folders, *usual_folders()]
        path = name_or_path
        if not name_or_path.endswith(".gir"):
            path = self.find(name_or_path)
            if path is None:
                raise GirError(f"there is no {name_or_path}.gir in {', '.join(self.folders)}")
        else:
            self.folders.insert(0, os.path.dirname(path) or ".")
        self.path = path
        self.namespace = Namespace(path)
        self._read = {self.namespace.name: self.namespace}
        self._includes = {"GLib": "GLib-2.0", "GObject": "GObject-2.0", **self.namespace.includes}

    def find(self, name):
        paths = [os.path.join(folder, name + ".gir") for folder in self.folders]
        return next((path for path in paths if os.path.exists(path)), None)

    def _namespace(self, name):
        """One that a GIR mentions is included by it, or by one that it includes."""
        if name not in self._read and name not in self._includes:
            for include in list(self._includes):
                self._namespace(include)
                if name in self._includes:
                    break
        if name not in self._read:
            path = self.find(self._includes[name]) if name in self._includes else None
            self._read[name] = Namespace(path) if path else None
            if path:
                self._includes = {**self._read[name].includes, **self._includes}
        return self._read[name]

    def definition(self, name):
        """The type of that name, what an alias is for in place of the alias; None if no GIR here has it."""
        namespace, _, rest = name.partition(".")
        if not rest or self._namespace(namespace) is None:
            return None
        found = self._namespace(namespace).definitions.get(rest)
        if found and found.kind == "alias" and "." in found.parent:
            return self.definition(found.parent) or found
        return found

    def callback_parameters(self, definition):
        return self._read[definition.name.partition(".")[0]].parameters_of(definition.element)

    def is_object(self, definition):
        """Whether it is a GObject, or an interface of some."""
        while definition and definition.kind == "class" and not definition.is_fundamental:
            if definition.name == "GObject.Object" or definition.parent is None:
                return definition.name == "GObject.Object"
            definition = self.definition(definition.parent)
        return definition is not None and definition.kind == "interface"
