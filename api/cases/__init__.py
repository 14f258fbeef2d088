"""How a report lives: states, deadlines, dispatch and figures. Values in, values out: no store, no web, no clock."""

from api.cases.acting import apply
from api.cases.action import Action, Actor
from api.cases.calendar import Span, WorkCalendar
from api.cases.case import Case, evolve, replay
from api.cases.clocks import alarm, warn_at
from api.cases.dispatch import Assignment
from api.cases.duplicates import Sighting, candidates, fate
from api.cases.errors import BadAction, BadTable, CaseError, NotAllowed, StaleVersion, WrongState
from api.cases.event import Event
from api.cases.opening import Report, open_case
from api.cases.rules import Rules
from api.cases.statistics import Figures, Tally
from api.cases.territory import Cell, Territory
from api.cases.visits import Duty, Kept, Visit, duties, kept

__all__ = [
    "Action",
    "Actor",
    "Assignment",
    "BadAction",
    "BadTable",
    "Case",
    "CaseError",
    "Cell",
    "Duty",
    "Event",
    "Figures",
    "Kept",
    "NotAllowed",
    "Report",
    "Rules",
    "Sighting",
    "Span",
    "StaleVersion",
    "Tally",
    "Territory",
    "Visit",
    "WorkCalendar",
    "WrongState",
    "alarm",
    "apply",
    "candidates",
    "duties",
    "evolve",
    "fate",
    "kept",
    "open_case",
    "replay",
    "warn_at",
]
