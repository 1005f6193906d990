"""What is open, what the user asked, what follows.

`Workspace` holds open data; `ViewState` holds intentions; `resolve` derives a frozen `Resolved` from both;
`Engine` answers it. Intentions are kept, results are derived, so undo is a list of states and a session file
is one state.

Decisions
    2026-11-22  The engine lives here and not in the window, so `xview search` gives the window's answers.
    2026-11-22  An item the protocol did not choose may still ask: it asks as an outside query with its stored
                features, and the answer says so. Graphs never grow by it.
"""
