# gnuplot -e "input='curve-words.dat'; output_file='curve-words.svg'; name='words'" curves.gnuplot
set terminal svg size 800,500 font "sans-serif,14" background "white"
set output output_file
set title name.": a client a core"
set xlabel "recall\\@10"
set ylabel "queries a second"
set logscale y
set xrange [0.8:1]
set grid
set key bottom left
stats input using 1 nooutput
plot for [i=0:STATS_blocks-1] input index i using 1:2 with linespoints linewidth 2 pointtype 7 pointsize 0.5 title columnheader(1)
