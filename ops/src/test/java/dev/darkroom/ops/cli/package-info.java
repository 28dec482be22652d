@NullMarked
package dev.darkroom.ops.cli;

import org.jspecify.annotations.NullMarked;
