"""What an instructor does with the course: open it, check it."""
