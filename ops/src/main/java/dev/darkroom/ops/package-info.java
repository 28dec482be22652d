/// What an operator runs: the command line, the embedded services, the topics.
@NullMarked
package dev.darkroom.ops;

import org.jspecify.annotations.NullMarked;
