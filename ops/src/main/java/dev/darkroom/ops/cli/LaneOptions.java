package dev.darkroom.ops.cli;

import dev.darkroom.protocol.topic.Topics;
import picocli.CommandLine.Option;

/// Which topics a command is about.
final class LaneOptions {
    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            defaultValue = "${env:DARKROOM_TOPICS_PREFIX:-" + Topics.DEFAULT_PREFIX + "}",
            description =
                    "What every topic's name begins with (DARKROOM_TOPICS_PREFIX)."
                            + " Now: ${DEFAULT-VALUE}")
    private String prefix = "";

    @Option(
            names = "--lane",
            paramLabel = "LANE",
            defaultValue = "${env:DARKROOM_TOPICS_LANE:-" + Topics.DEFAULT_LANE + "}",
            description = "The pool of workers (DARKROOM_TOPICS_LANE). Now: ${DEFAULT-VALUE}")
    private String lane = "";

    /// The options that name this lane to another command, each after a space; none where its
    /// default does.
    String asTyped() {
        return (prefix.equals(Topics.DEFAULT_PREFIX) ? "" : " --topic-prefix " + prefix)
                + (lane.equals(Topics.DEFAULT_LANE) ? "" : " --lane " + lane);
    }

    /// The lane's topics.
    ///
    /// @throws CommandException when Kafka or the naming scheme does not allow the names
    Topics topics() {
        try {
            return new Topics(prefix, lane);
        } catch (IllegalArgumentException e) {
            throw CommandException.usage(e);
        }
    }
}
