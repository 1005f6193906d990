"""Plots the docks share. Imports pyqtgraph: load it when a plot is first shown."""

from xview.qt.panels.plots.bars import BarPlot
from xview.qt.panels.plots.cloud import CloudPlot
from xview.qt.panels.plots.curves import Curve, CurvePlot
from xview.qt.panels.plots.frame import Plot
from xview.qt.panels.plots.heat import HeatPlot

__all__ = ["BarPlot", "CloudPlot", "Curve", "CurvePlot", "HeatPlot", "Plot"]
