/// Placeholder.
@NullMarked
package dev.darkroom.worker;

import org.jspecify.annotations.NullMarked;
