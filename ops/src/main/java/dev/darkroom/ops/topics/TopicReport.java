package dev.darkroom.ops.topics;

import java.util.List;

/// What was found and done, for a person or a script.
///
/// @param lines one per topic, and one per setting of the share group
public record TopicReport(List<Line> lines) {
    /// Copies the list.
    public TopicReport {
        lines = List.copyOf(lines);
    }

    /// Whether anything is other than it was asked for.
    public boolean differs() {
        return lines.stream().anyMatch(line -> line.status() == Status.DIFFERS);
    }

    /// One topic or group setting.
    ///
    /// @param subject for example `topic darkroom.jobs` or `group darkroom-workers
    ///   share.isolation.level`
    /// @param status what was done
    /// @param detail what it is like, and for a difference how to remove it
    public record Line(String subject, Status status, String detail) {}

    /// What was done about a topic or setting.
    public enum Status {
        /// It was missing and is there now.
        CREATED,
        /// It was there, as it should be.
        EXISTED,
        /// It was there and is other than asked for: left as it was.
        DIFFERS,
        /// This broker has no such setting.
        UNAVAILABLE
    }
}
