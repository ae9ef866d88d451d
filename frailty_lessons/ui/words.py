"""Every word of the interface, in one place."""

WORDS = {
    "cases": "Start from",
    "reset": "Back to the start",
    "table": "The numbers as a table",
    "waiting": "Drawing …",
    "lost": (
        "No answer comes back. What you see is the last picture that was drawn. "
        "Run the lesson again from its top: in the menu, Run, then Run All Cells."
    ),
    "one_change": (
        "This saved page holds one change at a time: when you move a second control, "
        "the first goes back to where it started."
    ),
    "saved": "A saved page: it works without the course, and shows the same numbers.",
    "look_for": "Two questions to try",
}
