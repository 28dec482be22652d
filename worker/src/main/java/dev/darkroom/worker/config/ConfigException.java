package dev.darkroom.worker.config;

import java.util.List;

/// The configuration cannot be used; its message lists every problem, one a line.
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /// With every problem found.
    public ConfigException(List<String> problems) {
        super(
                "the configuration has "
                        + problems.size()
                        + " problem(s):\n  "
                        + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    /// Every problem found.
    public List<String> problems() {
        return problems;
    }
}
