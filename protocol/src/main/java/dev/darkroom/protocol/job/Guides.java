package dev.darkroom.protocol.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Pictures that guide the output.
///
/// @param init picture to start from
/// @param strength share of the steps applied to `init`, above 0 to 1; absent: the model's default
/// @param mask where `init` may change: white changes, black stays
/// @param control control networks, none to several
public record Guides(
        @Nullable InputUri init,
        @Nullable Double strength,
        @Nullable InputUri mask,
        List<Control> control) {
    /// Nothing: text alone.
    public static final Guides NONE = new Guides(null, null, null, List.of());

    /// Copies the list.
    public Guides {
        control = List.copyOf(control);
    }
}
