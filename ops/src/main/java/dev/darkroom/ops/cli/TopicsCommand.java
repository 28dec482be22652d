package dev.darkroom.ops.cli;

import picocli.CommandLine.Command;

/// The commands about topics.
@Command(
        name = "topics",
        description = "Creates the topics and sets the share group's configuration.",
        synopsisSubcommandLabel = "COMMAND")
final class TopicsCommand {}
