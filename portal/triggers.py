"""What squashed migrations make tables and triggers with.

Whenever a migration adds to the rendered models, Django renders every model anew that is related
to the one it adds, which are most of ours: that was two thirds of the time a fresh database takes.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger


class MakeTables(Operation):
    """Make the tables of new models at once, each as the last of *operations* leaves its model.

    Args:
        operations: such as add models, and fields, indexes and constraints to these and no others.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = list(operations)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # They are rendered again, all of them once, when the tables are made.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in self._new_models():
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in reversed(self._new_models()):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self._new_models())} models together"

    def _new_models(self) -> list[CreateModel]:
        return [each for each in self.operations if isinstance(each, CreateModel)]


class MakeTrigger(AddTrigger):
    """``AddTrigger`` that leaves the rendered models as they are, since none reads its triggers."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        options = state.models[app_label, self.model_name_lower].options
        options["triggers"] = [*options.get("triggers", []), self.trigger]
