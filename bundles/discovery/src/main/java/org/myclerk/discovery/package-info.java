/** DNS-SD (RFC 6763 over RFC 6762, profile §17): announces the node and hears of others. */
package org.myclerk.discovery;
