"""The frozen records from which Monitor is drawn: what a server does at a moment, and did lately.

Times are microseconds unless a name says otherwise. What a source cannot know is None, and the screen says so.
"""
