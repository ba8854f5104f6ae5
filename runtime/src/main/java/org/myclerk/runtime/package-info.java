/**
 * Starts a node: options, home, configuration, log, and the framework with the bundles of the chosen
 * features. Imports no bundle of ours, so that every one of them can be replaced under it.
 */
package org.myclerk.runtime;
