"""Renders for, trains, measures and shows the starter model."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

PARTS = ("transformer", "decoder", "mending", "ground", "judges", "save")
DATA = ("work", "clips", "seed", "processes")


class Command(BaseCommand):
    """`starter render|train|evaluate|sheet`; needs neither the database nor a GPU."""

    help = "Render training clips for, train, evaluate or picture the starter text-to-video model."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, text in (
            ("render", "Render the training clips and keep their latents."),
            (
                "train",
                "Train transformer, decoder and missing judges; then save the model.",
            ),
            ("evaluate", "Read held-out clips with the judges and print the figures."),
            ("sheet", "Draw the uncurated contact sheet."),
        ):
            action = actions.add_parser(name, help=text)
            action.add_argument(
                "--work", type=Path, default=Path("var/starter"), help="folder for data and runs"
            )
            action.add_argument("--threads", type=int, default=1)
            if name in ("render", "train"):
                action.add_argument("--clips", type=int, default=9_000)
                action.add_argument("--seed", type=int, default=6)
                action.add_argument("--processes", type=int, default=2)
            if name == "train":
                action.add_argument(
                    "--minutes", type=float, default=90.0, help="for the transformer"
                )
                action.add_argument("--decoder-minutes", type=float, default=42.0)
                action.add_argument(
                    "--mending-minutes",
                    type=float,
                    default=20.0,
                    help="for the decoder, on what the transformer samples",
                )
                action.add_argument(
                    "--ground-minutes",
                    type=float,
                    default=25.0,
                    help="for what paints places, on the same",
                )
                action.add_argument("--pairs", type=int, default=960)
                action.add_argument(
                    "--go-on", action="store_true", help="keep the weights, start the clock anew"
                )
                action.add_argument("--judge-steps", type=int, default=480)
                action.add_argument("--only", choices=PARTS)
            if name in ("train", "evaluate", "sheet"):
                action.add_argument(
                    "--weights", type=Path, help="folder of the model, the stored one by default"
                )
            if name == "evaluate":
                action.add_argument("--count", type=int, default=200)
                action.add_argument("--forgiving", type=int, default=100)
                action.add_argument("--seed", type=int, default=2026)
            if name == "sheet":
                action.add_argument(
                    "--out", type=Path, default=Path("docs/pictures/starter-contact-sheet.png")
                )

    def handle(self, *args: Any, **options: Any) -> None:
        # torch is loaded here and not above, so that listing the commands stays quick.
        import torch

        torch.set_num_threads(options["threads"])
        getattr(self, f"_{options['action']}")(options)

    def _render(self, options: dict[str, Any]) -> None:
        from generation.starter.dataset import load_latents

        _, latents = load_latents(*(options[name] for name in DATA))
        self.stdout.write(f"{len(latents.scenes)} clips in {options['work']}")

    def _train(self, options: dict[str, Any]) -> None:
        from generation.starter import judges, weights
        from generation.starter.dataset import load_latents
        from generation.starter.decoding import DecoderRun, train_decoder
        from generation.starter.group import together
        from generation.starter.pairing import load_pairs
        from generation.starter.training import TransformerRun, restart_clock, train_transformer

        work, only = options["work"], options["only"]
        fit, _ = load_latents(*(options[name] for name in DATA))
        if only in (None, "transformer"):
            if options["go_on"]:
                restart_clock(work / "transformer.pt")
            run = TransformerRun(minutes=options["minutes"], seed=options["seed"])
            together(options["processes"], train_transformer, work, options["clips"], run)
        if only in (None, "decoder"):
            if options["go_on"]:
                restart_clock(work / "decoder.pt")
            run_on = DecoderRun(options["decoder_minutes"])
            together(options["processes"], train_decoder, fit, work, run_on)
        # What the transformer samples, and so what is left to mend, is known only now.
        if only in (None, "mending"):
            load_pairs(work, options["pairs"], options["processes"])
            restart_clock(work / "decoder.pt")
            mending = DecoderRun(options["mending_minutes"], muon_rate=3e-3, adam_rate=1.5e-3)
            together(options["processes"], train_decoder, fit, work, mending, options["pairs"])
        if only in (None, "ground"):
            restart_clock(work / "decoder.pt")
            painting = DecoderRun(options["ground_minutes"], batch=8, ground_alone=True)
            together(options["processes"], train_decoder, fit, work, painting, options["pairs"])
        if only == "judges" or (only is None and not judges.JUDGES_FILE.exists()):
            judges.save_judges(judges.train_judges(options["judge_steps"]))
        if only in (None, "save"):
            weights.save_pipeline(work, options["weights"] or weights.WEIGHTS)

    def _evaluate(self, options: dict[str, Any]) -> None:
        from generation.starter.evaluation import report
        from generation.starter.judges import load_judges

        pipe = self._pipeline(options)
        for line in report(
            pipe, load_judges(), options["count"], options["forgiving"], options["seed"]
        ):
            self.stdout.write(line)
            self.stdout.flush()

    def _sheet(self, options: dict[str, Any]) -> None:
        from generation.starter.sheet import draw_sheet

        draw_sheet(self._pipeline(options), options["out"])
        self.stdout.write(str(options["out"]))

    def _pipeline(self, options: dict[str, Any]) -> Any:
        from generation.starter.weights import WEIGHTS, load_pipeline

        folder = options["weights"] or WEIGHTS
        try:
            return load_pipeline(folder)
        except OSError as error:
            raise CommandError(f"no model in {folder}: {error}") from error
