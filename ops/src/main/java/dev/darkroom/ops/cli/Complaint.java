package dev.darkroom.ops.cli;

import dev.darkroom.ops.local.LocalServiceException;
import dev.darkroom.ops.topics.TopicAdminException;
import dev.darkroom.protocol.client.DarkroomClientException;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.worker.StartException;
import dev.darkroom.worker.config.ConfigException;

/// Says what ended a command, for the person who typed it.
///
/// @param session where to say it
/// @param command the command's full name
record Complaint(Session session, String command) {
    /// Writes the message, and the stack trace if it was asked for.
    ///
    /// @return the exit status
    int about(Exception failure) {
        if (session.closing().interrupted()) {
            // Whatever fails now does so because everything is being closed.
            return Exit.INTERRUPTED.code();
        }
        Exit exit =
                switch (failure) {
                    case CommandException e -> e.exit();
                    case FailureException _, ConfigException _ -> Exit.USAGE;
                    case LocalServiceException _,
                            TopicAdminException _,
                            DarkroomClientException _,
                            StartException _ ->
                            Exit.ENVIRONMENT;
                    default -> Exit.FAILED;
                };
        boolean known = exit != Exit.FAILED || failure instanceof CommandException;
        session.console()
                .err()
                .println(
                        command
                                + ": "
                                + (known ? failure.getMessage() : "unexpected: " + failure)
                                + (known || session.debug() ? "" : " (--debug shows where)"));
        if (session.debug()) {
            failure.printStackTrace(session.console().err());
        }
        return exit.code();
    }
}
