@NullMarked
package dev.darkroom.ops.local;

import org.jspecify.annotations.NullMarked;
