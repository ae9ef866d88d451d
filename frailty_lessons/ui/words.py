"""Every word of the interface, in one place."""

WORDS = {
    "cases": "Start from",
    "reset": "Back to the start",
    "table": "The numbers as a table",
    "lost": (
        "No answer comes back. What you see is the last picture that was drawn. "
        "Reload this page, or, in JupyterLab, choose Run and then Run All Cells in the menu."
    ),
    "one_change": (
        "This saved page holds one change at a time: when you move a second control, "
        "the first goes back to where it started."
    ),
    "saved": "A saved page: it works without the course, and shows the same numbers.",
    "prediction": "Predict first",
    "question": "Check yourself",
    "form": {
        "answer": "Answer",
        "again": "Answer again",
        "how_sure": "How sure are you?",
        "sure": [[20, "a guess"], [40, "a little"], [60, "rather"], [80, "quite"], [95, "very"]],
        "no_answer": "Give an answer first.",
        "not_sure": "Say how sure you are, too: it is part of the answer.",
        "right": "Right.",
        "wrong": "Not right. That is worth more than a lucky guess: read why.",
        "kept": "Kept.",
        "yours": "Your answer:",
        "option_right": "Right",
        "option_wrong": "Not right",
        "chosen": "(your choice)",
        "changed": "The question has changed since you answered it: answer it once more.",
    },
    "progress_panel": {
        "progress": "Your progress",
        "done": "You have answered {answered} questions; of {judged} with a right answer, {right} are right. All is kept beside the lessons.",
        "nothing": "You have not answered a question yet. Every answer will be kept beside the lessons.",
        "download": "Download my progress",
        "downloaded": "Downloaded. Keep the file: with it you can go on anywhere.",
        "upload": "Go on from a file:",
        "uploaded": "{count} answers were taken over from the file.",
        "start_over": "Start over",
        "really": "Start over? Your answers are put aside in a file, not deleted.",
        "yes": "Yes, start over",
        "no": "No, keep them",
        "started_over": "Started over. Your answers until now are in {file}. Run the lesson again to see it empty.",
    },
    "map": {
        "columns": ["lesson", "minutes", "your answers"],
        "to": "to",
        "done": "{answered} of {asked}",
        "no_questions": "no questions",
        "go_on": "Go on with:",
        "finished": "You have answered every question of the course.",
    },
    "evidence": {
        "hint": "Numbers that are links show where they come from, and how well they are known.",
        "title": "Where this number comes from",
        "day": "day {day}",
        "known": "How well it is known: {certainty}.",
        "source": "Source: {source}",
        "assumed": ["Assumed for teaching", "No study stands behind this figure: it was chosen for the lesson. You may choose another, and see what it changes."],
        "close": "Close",
        "all": "All sources",
    },
}
