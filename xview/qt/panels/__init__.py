"""Everything around the maps: bars, lists and docks. Each shows what it is given and says what is asked."""
