"""What the window can do: the table of commands, and the menus made from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from xview.data.open import known_names
from xview.qt import theme
from xview.qt.actions import Command, make_actions
from xview.qt.application import scheme, set_scheme
from xview.qt.file_dialogs import ask_file, export_maps, open_file, open_folder, report, save
from xview.qt.laboratory import Laboratory
from xview.qt.maps.scene import Tool
from xview.qt.panels.training_panel import ACTIONS
from xview.retrieval.registry import RANKERS
from xview.session.state import ColourBy, Overlay
from xview.spaces.projection import METHODS

if TYPE_CHECKING:
    from xview.qt.window import MainWindow

MENUS = ("File", "Edit", "Query", "Ranker", "Map", "Training", "View", "Help")


def commands_of(window: MainWindow, laboratory: Laboratory) -> tuple[Command, ...]:
    """Every command, in menu order."""
    return (
        *_file(window, laboratory),
        *_edit_and_query(laboratory),
        *_rankers(laboratory),
        *_maps(laboratory),
        *_distortion(window, laboratory),
        *_paths(window, laboratory),
        *_training(window, laboratory),
        *_view_and_help(window),
    )


def fill_menus(window: MainWindow, commands: tuple[Command, ...]) -> dict[str, QAction]:
    """Make the actions and put them into the window's menus; returns them by name."""
    actions = make_actions(commands, window)
    for title in MENUS:
        menu = window.menuBar().addMenu(title)
        mine = [command for command in commands if command.menu == title]
        for command in mine:
            menu.addAction(actions[command.name])
        menu.aboutToShow.connect(partial(_mark_chosen, mine, actions))
        if title == "View":
            menu.addSeparator()
            for dock in window.docks.values():
                menu.addAction(dock.toggleViewAction())
    return actions


def _is(value: object, now: Callable[[], object]) -> Callable[[], bool]:
    """Whether that is the value in force when asked."""
    return lambda: now() == value


def _mark_chosen(commands: list[Command], actions: dict[str, QAction]) -> None:
    for command in commands:
        if command.chosen is not None:
            actions[command.name].setCheckable(True)
            actions[command.name].setChecked(command.chosen())


def _file(window: MainWindow, laboratory: Laboratory) -> tuple[Command, ...]:
    return (
        Command("open", "File", "Open folder …", partial(open_folder, window), ("Ctrl+O",), symbol="open"),
        Command("open-file", "File", "Open file …", partial(open_file, window), ("Ctrl+Shift+O",)),
        *(
            Command(f"open-{name}", "File", f"Open {name}", partial(window.start, name))
            for name in known_names()
        ),
        Command(
            "save",
            "File",
            "Save session as …",
            partial(save, window, laboratory),
            ("Ctrl+S",),
            symbol="save",
        ),
        Command("report", "File", "Write report …", partial(report, window, laboratory), ("Ctrl+R",)),
        Command("quit", "File", "Quit", window.close, ("Ctrl+Q",)),
    )


def _edit_and_query(laboratory: Laboratory) -> tuple[Command, ...]:
    store, bars = laboratory.store, laboratory.bars
    return (
        Command("undo", "Edit", "Undo", store.undo, ("Ctrl+Z",), symbol="undo"),
        Command("redo", "Edit", "Redo", store.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), symbol="redo"),
        Command("paste", "Edit", "Ask with the clipboard", partial(_paste, laboratory), ("Ctrl+V",)),
        Command("clear", "Edit", "Clear selection, then query", partial(_clear, laboratory), ("Esc",)),
        Command("find", "Query", "Search", bars.search.setFocus, ("Ctrl+F", "/"), symbol="search"),
        Command("ask-file", "Query", "Ask with a picture …", partial(ask_file, laboratory), ("Ctrl+I",)),
        Command("next", "Query", "Next query, worst first", partial(laboratory.walk, 1), ("N",)),
        Command("previous", "Query", "Previous query", partial(laboratory.walk, -1), ("P",)),
        Command(
            "next-broken",
            "Query",
            "Next query that B breaks",
            partial(laboratory.compare.walk_broken, 1),
            ("Shift+N",),
        ),
        Command(
            "previous-broken",
            "Query",
            "Previous query that B breaks",
            partial(laboratory.compare.walk_broken, -1),
            ("Shift+P",),
        ),
        Command("random", "Query", "Random query", laboratory.ask_random, ("R",)),
        Command(
            "modify", "Query", "This picture, but different", laboratory.results.card.but.setFocus, ("M",)
        ),
        Command("ask-selection", "Query", "Ask with the selection", laboratory.ask_selection, ("Q",)),
        *(
            Command(
                f"mark-{truth}", "Query", f"Mark the chosen result {truth}",
                partial(laboratory.results.mark_chosen, right=truth == "right"), (),
                f"{key} in the list of results marks the current one",
            )
            for truth, key in (("right", "+"), ("wrong", "-"))
        ),
        Command("clear-marks", "Query", "Clear marks", laboratory.results.clear_marks),
        Command("swap", "Query", "Swap query and gallery", bars.swap, ("X",), symbol="swap"),
    )  # fmt: skip


def _rankers(laboratory: Laboratory) -> tuple[Command, ...]:
    store = laboratory.store
    switches = tuple(
        Command(
            f"ranker-{kind.name}", "Ranker", kind.title, partial(store.ask, ranker=kind.name), (str(place),),
            kind.help, chosen=_is(kind.name, lambda: store.resolved.ranker.name),
        )
        for place, kind in enumerate(RANKERS.values(), start=1)
    )  # fmt: skip
    return (
        *switches,
        Command(
            "compare", "Ranker", "Compare A | B", laboratory.bars.rankers.compare.click, ("C",),
            chosen=lambda: store.resolved.other is not None,
        ),
        Command("evaluate", "Ranker", "Evaluate rankers", laboratory.evaluations.run, ("Ctrl+E",)),
        Command(
            "find-weights", "Ranker", "Find fusion weights on seen classes", laboratory.fusion.find_weights
        ),
    )  # fmt: skip


def _maps(laboratory: Laboratory) -> tuple[Command, ...]:
    store, maps = laboratory.store, laboratory.maps
    tools = (("pan", Tool.PAN, "G"), ("box", Tool.BOX, "B"), ("lasso", Tool.LASSO, "S"))
    return (
        *(
            Command(
                f"tool-{name}", "Map", f"Drag: {name}", partial(maps.set_tool, tool), (key,), symbol=name,
                chosen=maps.strip.tools.buttons[tool].isChecked,
            )
            for name, tool, key in tools
        ),
        Command("fit", "Map", "Show whole maps", maps.home, ("0",), symbol="fit"),
        *(
            Command(
                f"method-{m}", "Map", f"Project by {m}", partial(store.ask, method=m, methods=()),
                chosen=_is(m, lambda: store.resolved.view.method),
            )
            for m in METHODS
        ),
        *(
            Command(
                f"colour-{by.name.lower()}", "Map", f"Colour by {by}",
                partial(store.ask, colour_by=by, hidden=frozenset()),
                chosen=_is(by, lambda: store.resolved.view.colour_by),
            )
            for by in ColourBy
        ),
        *(
            Command(
                f"overlay-{o.name.lower()}", "Map", f"Overlay {o}", partial(store.ask, overlay=o),
                chosen=_is(o, lambda: store.resolved.view.overlay),
            )
            for o in Overlay
        ),
        Command("walk", "Map", "Play the walk", laboratory.walking.play, ("W",), symbol="play"),
        Command("export-maps", "Map", "Save maps as pictures …", partial(export_maps, laboratory)),
    )  # fmt: skip


def _distortion(window: MainWindow, laboratory: Laboratory) -> tuple[Command, ...]:
    return (
        Command(
            "distortion", "Map", "Measure distortion", partial(_measure, window, laboratory), ("Ctrl+D",),
            "Measure what the shared space did to its items' neighbourhoods",
        ),
    )  # fmt: skip


def _measure(window: MainWindow, laboratory: Laboratory) -> None:
    dock = window.docks["distortion"]
    dock.show()
    dock.raise_()
    laboratory.distortion.measure()


def _paths(window: MainWindow, laboratory: Laboratory) -> tuple[Command, ...]:
    paths = laboratory.paths
    return (
        Command(
            "path", "Map", "Shortest path", partial(_show_path, window, laboratory), ("Shift+W",),
            "Show the shortest path from the query to the chosen result, on the maps and as a film strip",
        ),
        Command("path-play", "Map", "Play the shortest path", partial(_play_path, window, laboratory)),
        Command(
            "path-nearest", "Map", "Shortest path to the nearest", paths.lead_to_nearest, (),
            "Lead the shortest path to the nearest item along the graph",
        ),
        Command(
            "smooth-paths", "Map", "Smooth paths", partial(_show_smooth, window, laboratory), (),
            "List the paths that change one thing at each step, to play them",
        ),
    )  # fmt: skip


def _show_path(window: MainWindow, laboratory: Laboratory) -> None:
    dock = window.docks["paths"]
    dock.show()
    dock.raise_()
    laboratory.store.ask(overlay=Overlay.PATH)


def _play_path(window: MainWindow, laboratory: Laboratory) -> None:
    _show_path(window, laboratory)
    laboratory.paths.play()


def _show_smooth(window: MainWindow, laboratory: Laboratory) -> None:
    _show_path(window, laboratory)
    laboratory.paths.show_smooth()


def _training(window: MainWindow, laboratory: Laboratory) -> tuple[Command, ...]:
    return (
        Command("train", "Training", "Train a system …", partial(_train, window, laboratory), ("Ctrl+T",)),
        *(
            Command(
                f"run-{a.name}", "Training", f"{a.title} the selected run{'s' if a.many else ''}",
                partial(_press, laboratory, a.name), (), a.tip, a.icon,
            )
            for a in ACTIONS
        ),
    )  # fmt: skip


def _train(window: MainWindow, laboratory: Laboratory) -> None:
    dock = window.docks["training"]
    dock.show()
    dock.raise_()
    laboratory.training.panel.show_systems()


def _press(laboratory: Laboratory, action: str) -> None:
    laboratory.training.panel.buttons[action].click()


def _view_and_help(window: MainWindow) -> tuple[Command, ...]:
    return (
        *(
            Command(f"theme-{s}", "View", f"Theme: {s}", partial(set_scheme, s), chosen=_is(s, scheme))
            for s in theme.Scheme
        ),
        Command(
            "palette", "Help", "Command palette", window.show_palette, ("Ctrl+Shift+P",), symbol="search"
        ),
        Command("shortcuts", "Help", "Keyboard shortcuts", window.show_shortcuts, ("?", "F1"), symbol="help"),
    )


def _paste(laboratory: Laboratory) -> None:
    search, mime = laboratory.bars.search, QApplication.clipboard().mimeData()
    if not search.take(mime) and mime.hasText():
        search.setText(mime.text().strip())
        search.setFocus()


def _clear(laboratory: Laboratory) -> None:
    store = laboratory.store
    if store.resolved.view.selection:
        store.ask(selection=(), isolated=False)
    elif store.state.query is not None:
        store.ask(query=None, why=None)
