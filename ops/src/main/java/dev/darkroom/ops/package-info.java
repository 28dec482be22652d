/// Placeholder.
@NullMarked
package dev.darkroom.ops;

import org.jspecify.annotations.NullMarked;
