# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

# Usage: smoke.pl FILE: the typelib as Glib::Object::Introspection has it. All languages print the same lines.

use strict;
use warnings;

use Glib qw(TRUE FALSE);
use Glib::Object::Introspection;

Glib::Object::Introspection->setup (basename => 'Gio', version => '2.0', package => 'Gio');
Glib::Object::Introspection->setup (basename => 'GDeferred', version => '1.0', package => 'GDeferred');

$| = 1;
my $loop = Glib::MainLoop->new;

my $d = GDeferred::Deferred->new;
$d->add_callback (sub { $_[0]->return_int ($_[0]->get_int / 2) });
$d->callback_int (42);
print 'fired: ', $d->get_int, "\n";

eval { $d->callback_int (43) };
print "fired once only\n" if $@->matches ('GDeferred::DeferredError', 'already-called');

# A callback that returns a Deferred makes the chain wait.
my $inner = GDeferred::Deferred->new;
my $outer = GDeferred::Deferred->new;
$outer->add_callback (sub { $_[0]->return_deferred ($inner) });
$outer->add_callback (sub {
  print 'waited: ', $_[0]->get_string, "\n";
  $loop->quit;
  return TRUE;
});
$outer->callback_int (0);
Glib::Idle->add (sub {
  $inner->callback_string ('it came later');
  return FALSE;
});
$loop->run;

sub word {
  my ($length) = @_;
  my $deferred = GDeferred::Deferred->new;
  $deferred->add_callback (sub { return $length > 0 ? TRUE : FALSE });
  $deferred->callback_int ($length);
  return $deferred;
}

# The error of a chain is an exception of wait, which is the only place to see it.
eval { word (0)->wait };
print 'failed: ', uc $@->value, "\n";

my $mended = word (0);
$mended->add_errback (sub { $_[0]->return_string ('mended FAILED') });
print $mended->get_string, "\n";

my $made = GDeferred::Deferred->new;
$made->errback_literal (GDeferred::deferred_error_quark (), 4, 'an error of ours');
eval { $made->wait };
print 'made: ', $@->message, "\n";

my $stopped = GDeferred::Deferred->new_with_canceller (sub { print "stop\n" });
$stopped->cancel;
eval { $stopped->wait };
print $@->message, "\n";

# Several at once, a lock, and a clock that is told what time it is.
my ($one, $other) = (GDeferred::Deferred->new, GDeferred::Deferred->new);
my $both = GDeferred::Deferred::gather ([$one, $other], []);
$other->callback_int (2);
$one->callback_int (1);
my $results = $both->get_results;
print 'gathered: ', $results->get_int (0), ' ', $results->get_int (1), "\n";

my $lock = GDeferred::DeferredLock->new;
my ($mine, $yours) = ($lock->acquire, $lock->acquire);
$lock->release;
print "locked in turn\n" if $mine->is_finished && $yours->is_finished;

my $clock = GDeferred::DeferredClock->new_virtual;
my $soon = GDeferred::Deferred::delay (1000000, $clock);
$clock->advance (1000000);
print "a second later\n" if $soon->is_finished;

# GIO reads in a thread of its own.
sub load_file {
  my ($name) = @_;
  my $deferred = GDeferred::Deferred->new;
  my $file = Gio::File::new_for_path ($name);
  $file->load_contents_async ($deferred->get_cancellable, sub {
    my (undef, $result) = @_;
    my (undef, $bytes) = $file->load_contents_finish ($result);
    $deferred->callback_string (pack 'C*', @$bytes);
  });
  return $deferred;
}

my $text = load_file ($ARGV[0]);
$text->wait_async (undef, sub {
  my ($source, $result) = @_;
  print 'loaded: ', $source->wait_finish ($result), "\n";
  $loop->quit;
});
$loop->run;
