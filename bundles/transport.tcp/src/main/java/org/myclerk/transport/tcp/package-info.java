/** Frames over TCP (profile §17): one selector loop per core, a link confined to its loop. */
package org.myclerk.transport.tcp;
