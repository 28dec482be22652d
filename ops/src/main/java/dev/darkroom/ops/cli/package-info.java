/// The command line: one class per command, and what the commands share.
@NullMarked
package dev.darkroom.ops.cli;

import org.jspecify.annotations.NullMarked;
