"""The command `wangge`: reads, draws, proves, routes and maps. Thin: the work is done in the rooms below."""

import gc
import sys
import traceback

import typer

from api.commands.agree import agree
from api.commands.card import card
from api.commands.check import check
from api.commands.delineate import delineate
from api.commands.demo import demo
from api.commands.diff import diff
from api.commands.draw_map import draw_map
from api.commands.export import export
from api.commands.geocode import geocode
from api.commands.keep import backup, key, restore
from api.commands.layers import layers
from api.commands.qr import qr
from api.commands.repair import repair
from api.commands.report import report
from api.commands.revise import revise
from api.commands.route import route
from api.commands.serve import serve
from gis.errors import GisError

app = typer.Typer(
    help="Draw, prove, keep and use the small service areas a city runs on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("delineate")(delineate)
app.command("revise")(revise)
app.command("check")(check)
app.command("repair")(repair)
app.command("export")(export)
app.command("route")(route)
app.command("geocode")(geocode)
app.command("layers")(layers)
app.command("map")(draw_map)
app.command("qr")(qr)
app.command("card")(card)
app.command("diff")(diff)
app.command("agree")(agree)
app.command("report")(report)
app.command("serve")(serve)
app.command("key")(key)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("demo")(demo)

BAD_INPUT, FAULT_OF_OURS = 2, 70

# New objects before Python looks for unused cycles among them, and among the older: footprints by the ten thousand make
# no cycles, and looking through them takes a tenth of a command's time at its own 700.
_LOOK_FOR_CYCLES = 100_000, 50, 100


def main() -> None:
    """Run the command; a bad input gets one line and exit code 2, a fault of ours its traceback and 70."""
    gc.set_threshold(*_LOOK_FOR_CYCLES)
    try:
        app()
    except (GisError, OSError) as error:
        sys.stderr.write(f"wangge: {' '.join(str(error).split())}\n")
        raise SystemExit(BAD_INPUT) from None
    except MemoryError:
        sys.stderr.write("wangge: this takes more memory than it may have: give it more, or take a smaller area\n")
        raise SystemExit(BAD_INPUT) from None
    except Exception:  # noqa: BLE001 (exit code 1 would say that defects were found)
        traceback.print_exc()
        sys.stderr.write("wangge: this is a fault of wangge, please report it with the lines above\n")
        raise SystemExit(FAULT_OF_OURS) from None
