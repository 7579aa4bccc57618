"""Swift sources as text, for the checks: which files there are, and what of them is code."""

import os
import re


def swift_files(*roots):
    for root in roots:
        if os.path.isfile(root):
            yield root
        for folder, folders, names in os.walk(root):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".swift"))


def code_of(text):
    """The text with comments and contents of strings blanked, line for line."""
    kept, position = [], 0
    token = re.compile(r'//[^\n]*|/\*|(?P<hashes>#*)(?P<quote>"""|")')
    while match := token.search(text, position):
        kept.append(text[position:match.start()])
        if match.group(0) == "/*":
            end = end_of_comment(text, match.end())
        elif match.group("quote"):
            end = end_of_string(text, match.end(), match.group("quote"), match.group("hashes"))
        else:
            end = match.end()
        kept.append(re.sub(r"[^\n]", " ", text[match.start():end]))
        position = end
    return "".join(kept) + text[position:]


def end_of_comment(text, position):
    depth = 1
    for match in re.compile(r"/\*|\*/").finditer(text, position):
        depth += 1 if match.group(0) == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def end_of_string(text, position, quote, hashes):
    """Behind the string's end. Interpolations are passed over with their parentheses, and strings within."""
    escape = "\\" + hashes
    while position < len(text):
        if text.startswith(quote + hashes, position):
            return position + len(quote + hashes)
        if text.startswith(escape + "(", position):
            position = end_of_interpolation(text, position + len(escape) + 1)
        elif text.startswith(escape, position):
            position += len(escape) + 1
        else:
            position += 1
    return position


def end_of_interpolation(text, position):
    depth = 1
    while depth and position < len(text):
        if match := re.compile(r'(#*)("""|")').match(text, position):
            position = end_of_string(text, match.end(), match.group(2), match.group(1))
            continue
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        position += 1
    return position
