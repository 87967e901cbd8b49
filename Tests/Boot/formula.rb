# As much of Homebrew as a formula is read by: what it says is printed, a line each; what it would install is done to paths
# that are only names.
class Pathname < String
  def /(name) = Pathname.new("#{self}/#{name}")
  def install(*) = nil
  def mkpath = nil
end

class Described
  def initialize(prefix) = @prefix = prefix
  def respond_to_missing?(*) = true

  %w[bin sbin etc var opt_bin opt_prefix pkgshare man1 bash_completion zsh_completion fish_completion buildpath].each do |place|
    define_method(place) { Pathname.new(place) }
  end

  def std_service_path_env = "std_service_path_env"

  # Ruby's own would run them.
  %w[system cp test].each { |name| define_method(name) { |*words| method_missing(name, *words) } }

  def method_missing(name, *words, **named)
    puts "#{@prefix}#{name} #{(words + (named.empty? ? [] : [named])).map(&:inspect).join(', ')}"
  end
end

class Formula < Described
  class << self
    def respond_to_missing?(*) = true
    def method_missing(name, *words, **named, &block)
      puts "#{name} #{(words + (named.empty? ? [] : [named])).map(&:inspect).join(', ')}".rstrip
      Described.new("#{name}.").instance_eval(&block) if name == :service
    end

    def test = nil
  end

  def inreplace(_file) = yield(+"")
end

load ARGV[0]
formula = Svinstall.new("install.")
formula.install
formula.post_install
puts formula.caveats
