package dev.darkroom.ops.cli;

import picocli.CommandLine.Option;

/// Whether a command writes for people or for scripts.
final class FormOption {
    @Option(
            names = "--json",
            description = "Write JSON for scripts; events one a line, as CloudEvents.")
    private boolean json;

    /// Whether it writes for scripts.
    boolean json() {
        return json;
    }

    /// The view of one job's events.
    EventView view(Console console) {
        return json ? new EventView.Json(console.out()) : EventView.of(console);
    }

    /// The view of many jobs' events.
    EventView viewOfAll(Console console) {
        return json ? new EventView.Json(console.out()) : new EventView.Named(console.out());
    }
}
