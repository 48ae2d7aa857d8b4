"""The control API's operations as data, and the OpenAPI document that is made of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from pydantic import TypeAdapter

ROOT: Final = "/_emulator"
TOKEN_HEADER: Final = "X-Emulator-Token"  # noqa: S105 - a header's name

_COMPONENTS: Final = "#/components/schemas/{model}"

Json = dict[str, Any]  # an OpenAPI document has no type of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A field of the address: its path or its query."""

    name: str
    says: str
    kind: str = "string"
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked. Its summary is the first line of the handler's docstring.

    `answer` and `body` are types that pydantic can describe; an `answer` that is a string is a content type.
    `refusals` are its own besides 400, and 403 for changes.
    """

    method: str
    path: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    answer: Any
    body: Any = None
    parameters: Sequence[Parameter] = ()
    refusals: Mapping[int, str] | None = None

    @property
    def route(self) -> web.RouteDef:
        """The route that serves it."""
        return web.route(self.method, ROOT + self.path, self.handler)


def document(operations: Sequence[Operation]) -> Json:
    """Describe `operations` in OpenAPI 3.1."""
    schemas: Json = {"Error": _ERROR}
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(ROOT + operation.path, {})[operation.method.lower()] = _describe(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "twilio-emulator control API",
            "version": "1",
            "description": "EMULATOR: no SMS leaves this machine. Changes need the token that GET "
            f"{ROOT}/token gives to whoever sends an X-Emulator-Client header.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER}},
        },
    }


_ERROR: Final[Json] = {
    "type": "object",
    "properties": {"error": {"type": "string", "description": "One sentence: which field, what is wrong with it."}},
    "required": ["error"],
}


def _describe(operation: Operation, schemas: Json) -> Json:
    refusals = {400: "Something in the request is wrong.", **(operation.refusals or {})}
    described: Json = {
        "operationId": operation.handler.__name__,
        "summary": (operation.handler.__doc__ or "").partition("\n")[0],
        "parameters": [_parameter(parameter, operation.path) for parameter in operation.parameters],
        "responses": {"200": {"description": "Done.", "content": _content(operation.answer, schemas)}},
    }
    if operation.method != "GET":
        described["security"] = [{"token": []}]
        refusals[403] = f"{TOKEN_HEADER} is missing or wrong."
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.body, schemas)}
    for status, why in sorted(refusals.items()):
        error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        described["responses"][str(status)] = {"description": why, "content": error}
    return described


def _parameter(parameter: Parameter, path: str) -> Json:
    in_path = f"{{{parameter.name}}}" in path
    return {
        "name": parameter.name,
        "in": "path" if in_path else "query",
        "required": in_path or parameter.required,
        "description": parameter.says,
        "schema": {"type": parameter.kind},
    }


def _content(kind: Any, schemas: Json) -> Json:  # noqa: ANN401 - whatever pydantic can describe
    if isinstance(kind, str):
        return {kind: {"schema": {"type": "string"}}}
    schema = TypeAdapter(kind).json_schema(ref_template=_COMPONENTS)
    schemas.update(schema.pop("$defs", {}))
    return {"application/json": {"schema": schema}}
