/// Placeholder.
@NullMarked
package dev.darkroom.protocol;

import org.jspecify.annotations.NullMarked;
