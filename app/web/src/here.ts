// The picture at the door of a session leads to a page with one button; the
// script presses it, so that there is nothing to do after the scan.
document.querySelector<HTMLFormElement>("form[data-here]")?.requestSubmit();
