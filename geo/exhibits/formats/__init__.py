"""Formats of an exhibit beside the page itself: Word, slides, workbook, web page, drawing, picture."""
