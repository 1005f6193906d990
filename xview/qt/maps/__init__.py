"""Maps of spaces: points one can see, pick, lasso and enlarge into pictures.

Dumb widgets: `MapView` and `Legend` are told what to show and say what the user did; they know no store.

Decisions
    2026-11-22  A map paints itself with Qt alone, without pyqtgraph: marks go to the raster engine in one
                `drawPixmapFragments` call (100,000 in 10 ms), a pan shifts the last picture and paints only
                the strip that came into view, and pick and lasso run on a grid. So maps are part of the
                first paint.
    2026-11-22  Beyond 50,000 points in view no eye tells marks apart: their density is painted, by loops that
                are compiled beside the window, and by numpy until then (10 and 50 ms a frame of a million).
                Selected points fewer than that keep their marks upon it.
    2026-11-22  Both axes keep one scale: distances in a map of neighbours mean the same in every direction.
"""
