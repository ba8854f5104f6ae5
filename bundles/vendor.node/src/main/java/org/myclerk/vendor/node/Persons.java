package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.guard.Person;

/** The persons that a node knows, by name. */
public record Persons(List<Person> persons) {
}
