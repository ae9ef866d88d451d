"""The course file: found from inside the course, and refused with one sentence when it is wrong."""

import pytest

from frailty_lessons.course import course_folder, load_course, shipped_folder


@pytest.fixture
def course(tmp_path):
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "course.toml"
    path.write_text((shipped_folder() / "notebooks" / "course.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_a_course_is_found_from_any_folder_inside_it(course, tmp_path):
    assert course_folder(course.parent) == course_folder(tmp_path) == tmp_path
    assert load_course(tmp_path).lessons[0].minutes == (45, 60)


def test_outside_a_course_there_is_none(tmp_path):
    assert course_folder(tmp_path) is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("minutes = [45, 60]", 'minutes = "long"', "lessons, 1, minutes: "),
        ("minutes = [45, 60]", "minutes = [45]", "lessons, 1, minutes, 2: field required"),
        ("trial =", "tria =", "field required"),
        ("trial =", "trial", "cannot be used: "),
    ],
)
def test_a_faulty_course_file_gives_one_sentence(course, tmp_path, old, new, says):
    text = course.read_text(encoding="utf-8")
    assert old in text
    course.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        load_course(tmp_path)
    assert str(caught.value).startswith("notebooks/course.toml cannot be used: ") and says in str(caught.value)
    assert "\n" not in str(caught.value)
