@NullMarked
package dev.darkroom.ops.topics;

import org.jspecify.annotations.NullMarked;
