"""The crew: three agents in sequence, without tools, memory or delegation. Needs the extra `crew`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from crewai import Agent, Crew, Process, Task
from crewai.project import CrewBase, agent, crew, task

from hparam_ci.crew.answers import ASK, CHOOSE, FORMS, RULES, TASKS, Judged, facts_for, judge, schema, shown
from hparam_ci.crew.grounding import Checker
from hparam_ci.crew.llm import Endpoint, LiteLLMChat, Meter
from hparam_ci.review import Section

Report = Callable[[str, Judged], None]
RETRY_TEMPERATURE = 0.4


@CrewBase
class ReviewCrew:
    """Pattern Analyst, Experiment Review Writer and Next Experiment Designer over the facts of one Inspection.

    Only `worker` imports this.
    """

    # CrewAI puts what the files hold in place of their names, and gathers what the decorators mark.
    agents_config: Any = "config/agents.yaml"
    tasks_config: Any = "config/tasks.yaml"
    agents: list[Any]
    tasks: list[Any]

    def __init__(self, checker: Checker, endpoint: Endpoint, meter: Meter, report: Report) -> None:
        """Give each agent a model of its own, so that usage is counted once; `report` hears of each finished task."""
        self._checker = checker
        self._choosing = endpoint.choosing
        self._report = report
        self._llms = {
            section: LiteLLMChat.of(endpoint, meter, schema(section, checker.facts, choosing=endpoint.choosing))
            for section in TASKS.values()
        }

    def inputs(self) -> dict[str, str]:
        """What fills the placeholders of tasks.yaml."""
        names: dict[str, Section] = {"pathologies": "patterns", "findings": "summary", "advice": "next"}
        return {name: shown(section, self._checker.facts, choosing=self._choosing) for name, section in names.items()}

    def _agent(self, name: str, section: Section) -> Agent:
        return Agent(
            config=self.agents_config[name],
            llm=self._llms[section],
            max_iter=2,
            max_retry_limit=0,
            allow_delegation=False,
            memory=False,
            cache=False,
            verbose=False,
        )

    @agent
    def pattern_analyst(self) -> Agent:
        """Turns causes into patterns that people understand."""
        return self._agent("pattern_analyst", "patterns")

    @agent
    def experiment_review_writer(self) -> Agent:
        """Sums the inspection up."""
        return self._agent("experiment_review_writer", "summary")

    @agent
    def next_experiment_designer(self) -> Agent:
        """Argues for the next sweep."""
        return self._agent("next_experiment_designer", "next")

    def _task(self, name: str) -> Task:
        section = TASKS[name]
        config: dict[str, Any] = dict(self.tasks_config[name])
        ask = CHOOSE if self._choosing else f"{ASK[section]} Sentences like: {FORMS[section]} {RULES}"
        config["description"] = config["description"].replace("{ask}", ask)
        return Task(
            name=name,
            config=config,
            context=[],
            guardrail=self._guardrail(name, section),
            guardrail_max_retries=1,
        )

    @task
    def analyze_pathologies_task(self) -> Task:
        """Which settings go with which issue."""
        return self._task("analyze_pathologies_task")

    @task
    def write_report_task(self) -> Task:
        """The summary."""
        return self._task("write_report_task")

    @task
    def design_next_experiment_task(self) -> Task:
        """What to change next."""
        return self._task("design_next_experiment_task")

    @crew
    def crew(self) -> Crew:
        """The tasks that have facts, in order."""
        facts = self._checker.facts
        tasks = [one for one in self.tasks if facts_for(TASKS[one.name], facts, choosing=self._choosing)]
        return Crew(
            name="hparam-inspector",
            agents=self.agents,
            tasks=tasks,
            process=Process.sequential,
            memory=False,
            cache=False,
            planning=False,
            tracing=False,
            share_crew=False,
            verbose=False,
        )

    def _guardrail(self, name: str, section: Section) -> Callable[[Any], tuple[bool, Any]]:
        """Hold the answer to the facts; send it back once with the reasons; then keep what holds. Never raises."""
        asked = 0

        def guardrail(output: Any) -> tuple[bool, Any]:
            nonlocal asked
            asked += 1
            judged = judge(output.raw or "", section, self._checker, choosing=self._choosing)
            wanting = judged.problem or (judged.refused and not self._choosing)
            if asked == 1 and wanting:
                self._llms[section].temperature = RETRY_TEMPERATURE
                first.append(judged)
                return False, _reasons(judged)
            best = max([*first, judged], key=lambda one: len(one.kept))
            self._report(name, best)
            return True, json.dumps({"kept": len(best.kept)})

        first: list[Judged] = []
        guardrail.__annotations__ = {}
        return guardrail


def _reasons(judged: Judged) -> str:
    why = judged.problem or "; ".join(judged.refused[:4])
    return f"Not accepted: {why}. Say only what the cited facts say, in their numbers and names."
