"""Maps of spaces: points one can see, pick, lasso and enlarge into pictures.

Dumb widgets: `MapView` and `Legend` are told what to show and say what the user did; they know no store.

Decisions
    2026-11-22  A map paints itself with Qt alone, without pyqtgraph and numba: marks go to the raster engine
                in one `drawPixmapFragments` call (100,000 in 10 ms), a pan shifts the last picture and
                paints only the strip that came into view, and pick and lasso run in numpy on a grid. So maps
                are part of the first paint. Compiled density rasters belong to maps of a million points.
    2026-11-22  Both axes keep one scale: distances in a map of neighbours mean the same in every direction.
"""
