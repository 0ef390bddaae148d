"""The optional crew: agents that explain an Inspection in sentences, each checked against the facts that it cites."""
