/** The command line. */
package org.myclerk.runtime.cli;
