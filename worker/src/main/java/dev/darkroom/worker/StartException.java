package dev.darkroom.worker;

import java.util.List;

/// A worker cannot start where it is: each problem says what is wrong and what helps.
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /// With every problem found.
    public StartException(List<String> problems) {
        super("the worker cannot start:\n  " + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    /// Every problem found.
    public List<String> problems() {
        return problems;
    }
}
