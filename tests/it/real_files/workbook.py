"""workbook.py FILE: the first sheet of a workbook as openpyxl reads it, one line of JSON for each row."""
import json
import sys

import openpyxl

for row in openpyxl.load_workbook(sys.argv[1], read_only=True).worksheets[0].iter_rows(values_only=True):
    print(json.dumps([None if cell is None else str(cell) for cell in row]))
