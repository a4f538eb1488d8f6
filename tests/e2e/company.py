"""The story's company, for Odoo's shell: the demo's house, people and catalogue, but no history."""
from demo import company, products, users
from demo.story import Story

story = Story(env)  # noqa: F821 (the shell's own name)
for chapter in (company, users, products):
    chapter.load(story)
env.cr.commit()  # noqa: F821
